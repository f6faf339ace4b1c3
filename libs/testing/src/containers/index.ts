export { images } from './images.js';
